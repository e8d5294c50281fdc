/** Waiting for jobs. */

import { JobFailedError, WaitTimeoutError } from "./errors.js";
import type { CallOutput } from "./operations.js";
import { type CallOptions, sleep } from "./transport.js";

export type Job = CallOutput<"GET", "/v1/jobs/{job_id}">;

export interface WaitOptions extends Omit<CallOptions, "timeout"> {
  /** Seconds to wait for the end of the job (60). */
  timeout?: number | undefined;
  /** Called with each state that is seen. */
  onProgress?: ((job: Job) => void) | undefined;
}

const FIRST_PAUSE_SECONDS = 0.05;
const LONGEST_PAUSE_SECONDS = 1;

/** Ask until the job has ended. */
export async function waitForJob(
  jobId: string,
  read: () => Promise<Job>,
  { timeout = 60, signal, onProgress }: WaitOptions,
): Promise<Job> {
  const end = Date.now() + timeout * 1000;
  for (let pause = FIRST_PAUSE_SECONDS; ; pause = Math.min(LONGEST_PAUSE_SECONDS, pause * 1.5)) {
    const job = await read();
    onProgress?.(job);
    if (job.status === "succeeded") return job;
    if (job.status === "failed" || job.status === "dead") {
      throw new JobFailedError(`Job ${jobId} is ${job.status}: ${job.error ?? "no reason given"}`, job);
    }
    const left = (end - Date.now()) / 1000;
    if (left <= 0) throw new WaitTimeoutError(`Job ${jobId} is still ${job.status} after ${timeout} s`, jobId);
    await sleep(Math.min(pause, left), signal);
  }
}
