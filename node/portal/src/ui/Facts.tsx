import type { ReactNode } from "react";
import classes from "./Facts.module.css";

/** Names and values, as a description list; entries without a value are left out. */
export function Facts({ entries }: { entries: (readonly [string, ReactNode] | null | false | undefined | "" | 0)[] }) {
  return (
    <dl className={classes.facts}>
      {entries.map((entry) => entry && entry[1] !== null && entry[1] !== undefined && (
        <div key={entry[0]} className={classes.fact}><dt>{entry[0]}</dt><dd>{entry[1]}</dd></div>
      ))}
    </dl>
  );
}
