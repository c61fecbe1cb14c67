// Creates or changes a pool: `npm run inline PROJECT CLASS MAX_SIZE`.
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { getEnvironmentClass, getProject, WarmPool } from "pulumi-ona";

async function main([projectName = "", className = "", maxSize = "2"]: string[]): Promise<void> {
  const program = async () => {
    const { id: projectId } = await getProject({ name: projectName });
    const { id: environmentClassId } = await getEnvironmentClass({ name: className, projectId });
    const web = new WarmPool("web", { projectId, environmentClassId, maxSize: Number(maxSize) });
    return { id: web.id, phase: web.phase };
  };
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName: "ona-inline", program },
    // Pulumi loads the provider from this folder. By default, it is the one from which this script is run.
    { projectSettings: { name: "ona-inline", runtime: "nodejs", main: __dirname } },
  );
  const { outputs } = await stack.up({ onOutput: (text) => process.stderr.write(text) });
  console.log(`${outputs["id"]?.value} is ${outputs["phase"]?.value}`);
}

void main(process.argv.slice(2));
