// The command `npm run size`.
import { judge, partsOf } from "./size.ts";

const { table, isWithin } = judge(await partsOf(process.env["HOLDFAST_PAGE_OUT"] ?? "dist"));
process.stdout.write(`${table}\n`);
if (!isWithin) {
  process.stderr.write("The first load is larger than its budget.\n");
  process.exitCode = 1;
}
