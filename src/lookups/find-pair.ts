/** Finds the project and the environment class of a warm pool by what users know of them. */
import type { InvokeContext } from "../lifecycle/functions.js";
import { ExpectedError } from "../util/expected-error.js";
import { quoteText } from "../util/names.js";
import { isUuid } from "../util/uuid.js";
import { findEnvironmentClass } from "./find-environment-class.js";
import { findProject } from "./find-project.js";

/**
 * The ids of a project and an environment class.
 * @param pair `PROJECT/CLASS`: ids or names. Everything after the last slash is the class
 * @throws ExpectedError if it is no pair, or one of them doesn't exist or isn't the only one of its name
 */
export async function findPair(
  pair: string,
  context: InvokeContext,
): Promise<{ readonly projectId: string; readonly environmentClassId: string }> {
  const slash = pair.lastIndexOf("/");
  const [project, environmentClass] = [pair.slice(0, Math.max(slash, 0)), pair.slice(slash + 1)];
  if (project === "" || environmentClass === "") {
    throw new ExpectedError(
      `${quoteText(pair)} is not a warm pool. Use its id, a UUID, or PROJECT/CLASS with the ids or names of its project and environment class.`,
    );
  }
  const projectId = isUuid(project) ? project : (await findProject({ name: project }, context)).id;
  const environmentClassId = isUuid(environmentClass)
    ? environmentClass
    : (await findEnvironmentClass({ name: environmentClass, projectId }, context)).id;
  return { projectId, environmentClassId };
}
