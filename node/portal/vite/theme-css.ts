import { convertCssVariables, defaultCssVariablesResolver, mergeMantineTheme, DEFAULT_THEME } from "@mantine/core";
import type { Plugin } from "vite";
import { theme } from "../src/theme.ts";

const id = "virtual:theme.css";

/**
 * The theme's variables as a style sheet made at build time. Mantine would write them into a style element at run time, which the
 * node's content security policy does not let through.
 */
export function themeCss(): Plugin {
  return {
    name: "theme-css",
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load: (source) =>
      source === `\0${id}`
        ? convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), ":root")
        : null,
  };
}
