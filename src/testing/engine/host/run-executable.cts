// Runs an executable that is not a Node script, in the process group of this process, which ends with the engine.
{
  const { spawn } = process.getBuiltinModule("node:child_process");
  const [path = "", ...args] = process.argv.slice(2);
  const shell = path.endsWith(".cmd");
  const child = spawn(shell ? `"${path}"` : path, args, { stdio: ["ignore", "inherit", "inherit"], shell });
  process.on("SIGINT", () => child.kill("SIGINT"));
  child.on("exit", (code) => process.exit(code ?? 1));
  child.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
}
