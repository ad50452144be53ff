import { createTheme, type MantineColorsTuple } from "@mantine/core";

const sea: MantineColorsTuple = [
  "#e8f6f6", "#d3ebec", "#a5d6d8", "#74c0c3", "#4cadb2", "#319da3", "#1b8087", "#0b6e75", "#045a61", "#00474d",
];

/** The look of the portal. Its variables are written into a style sheet at build time, see vite/theme-css.ts. */
export const theme = createTheme({
  primaryColor: "sea",
  primaryShade: { light: 7, dark: 6 },
  colors: { sea },
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  autoContrast: true,
  respectReducedMotion: true,
  // Locking the scroll bar would write a style element, which the content security policy does not let through.
  components: { Badge: { defaultProps: { tt: "none" } }, Modal: { defaultProps: { lockScroll: false } }, Drawer: { defaultProps: { lockScroll: false } } },
});
