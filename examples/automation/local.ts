// Lists how many pools of which stack would change: `npm run local STACK FOLDER...`, with folders that have a Pulumi.yaml.
import { resolve } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";

async function main([stackName = "dev", ...folders]: string[]): Promise<void> {
  for (const folder of folders) {
    const stack = await LocalWorkspace.selectStack({ stackName, workDir: resolve(folder) });
    const { changeSummary } = await stack.preview();
    console.log(`${folder}: ${JSON.stringify(changeSummary)}`);
  }
}

void main(process.argv.slice(2));
