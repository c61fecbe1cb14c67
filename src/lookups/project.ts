/** Functions that look up projects. */
import type * as pulumi from "@pulumi/pulumi";
import { callFunction, callFunctionOutput } from "../program/invoke.js";
import type { OutputArgs, OutputOptions } from "../program/options.js";
import {
  findProject,
  type GetProjectArgs,
  type GetProjectResult,
  type GetProjectsArgs,
  type GetProjectsResult,
  listProjects,
  type ProjectPrebuilds,
} from "./find-project.js";

export type { GetProjectArgs, GetProjectResult, GetProjectsArgs, GetProjectsResult, ProjectPrebuilds };

/** {@link GetProjectArgs} that accept outputs of other resources. */
export type GetProjectOutputArgs = OutputArgs<GetProjectArgs>;

/** {@link GetProjectsArgs} that accept outputs of other resources. */
export interface GetProjectsOutputArgs extends OutputArgs<GetProjectsArgs> {}

/**
 * Looks up a project by its id, by its exact name, or by the address of a repository, with or without `.git`. Lookups
 * of one program share their calls.
 * @throws OnaError if the API refuses, RunError if there is no such project or more than one, or an argument is
 * malformed
 */
export function getProject(args: GetProjectArgs): Promise<GetProjectResult> {
  return callFunction(projectFunction, args);
}

/** {@link getProject} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getProjectOutput(args: GetProjectOutputArgs, options?: OutputOptions): pulumi.Output<GetProjectResult> {
  return callFunctionOutput(projectFunction, args, options);
}

/**
 * Lists the projects that the token can read.
 * @throws OnaError if the API refuses, RunError if an argument is malformed
 */
export function getProjects(args: GetProjectsArgs = {}): Promise<GetProjectsResult> {
  return callFunction(projectsFunction, args);
}

/** {@link getProjects} as an output. It calls the API once its arguments and the resources behind them exist. */
export function getProjectsOutput(
  args: GetProjectsOutputArgs = {},
  options?: OutputOptions,
): pulumi.Output<GetProjectsResult> {
  return callFunctionOutput(projectsFunction, args, options);
}

const projectFunction = { name: "getProject", handler: findProject };
const projectsFunction = { name: "getProjects", handler: listProjects };
