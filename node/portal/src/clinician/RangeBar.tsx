import type { ResultValue } from "../hl7/report";
import classes from "./RangeBar.module.css";

/** A reference range with the value's place in it; the words stand beside, so the picture is decoration. */
export function RangeBar({ value: { number, low, high, range } }: { value: ResultValue }) {
  if (number === null || low === null || high === null || high <= low) return <span>{range}</span>;
  const span = high - low;
  const from = Math.min(low - span / 2, number), to = Math.max(high + span / 2, number);
  const at = (amount: number) => (100 * (amount - from)) / (to - from);
  const outside = number < low || number > high;
  return (
    <span className={classes.range}>
      <svg className={classes.bar} viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden>
        <rect x="0" y="4" width="100" height="4" rx="2" className={classes.all} />
        <rect x={at(low)} y="4" width={at(high) - at(low)} height="4" className={classes.normal} />
        <rect x={Math.min(98, Math.max(0, at(number) - 1))} y="0" width="2" height="12" className={outside ? classes.outside : classes.inside} />
      </svg>
      <span>{range}</span>
    </span>
  );
}
