import "i18next";
import type en from "./en";
import type staff from "./staff-messages";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en; staff: typeof staff };
  }
}
