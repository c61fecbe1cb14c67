/** Runs once before all tests: what they share is made here, and found by `PULUMI_ONA_CONSUMER`. */
import { prepareConsumer } from "./consumer";

export default function setup(): void {
  process.env["PULUMI_ONA_CONSUMER"] = prepareConsumer();
}
