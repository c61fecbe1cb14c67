/** The configuration of the provider: that of the stack, or the arguments of an explicit provider. */
import type { Properties } from "../../lifecycle/contract.js";
import { isUnknown } from "../../lifecycle/unknown.js";
import type { CheckFailure } from "../../lifecycle/validation.js";
import { ConfigError, type ConfigReader, readBoolean, readSettings } from "../../settings/settings.js";
import { settingRows } from "../../settings/setting-rows.js";
import { findSimilarName } from "../../util/spelling.js";
import { sanitize } from "../../util/text.js";

const settingNames = Object.keys(settingRows);

/** Reads settings as those of Pulumi config. Values that are no strings come as JSON, or as they are. */
export function readerOf(config: Properties): ConfigReader {
  return (key) => {
    const value = config[key.replace(/^ona:/, "")];
    if (value === undefined || isUnknown(value)) return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
  };
}

/** Whether all values are known and the same. In state, values that are no strings may be JSON. */
export function isSameConfig(old: Properties, now: Properties): boolean {
  const [readOld, readNow] = [readerOf(old), readerOf(now)];
  return Object.keys({ ...old, ...now }).every((name) => !isUnknown(now[name]) && readOld(name) === readNow(name));
}

/** What is wrong with the settings, as far as they are known. */
export function checkConfig(config: Properties): CheckFailure[] {
  try {
    readSettings({ caller: "provider", config: readerOf(config), env: process.env });
    readBoolean(readerOf(config), "refreshBeforeUpdate");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [, property = ""] = /^ona:(\w+)/.exec(error.message) ?? [];
    return [{ property, reason: error.message }];
  }
}

/** Warnings about names that resemble a setting. Others may be the program's own, if its project is called ona. */
export function findMisspelledSettings(config: Properties): string[] {
  return Object.keys(config).flatMap((name) => {
    if (settingNames.includes(name)) return [];
    const meant = findSimilarName(name, settingNames);
    return meant === undefined
      ? []
      : [sanitize(`ona:${name} is not a setting of the provider. Did you mean ona:${meant}?`)];
  });
}
