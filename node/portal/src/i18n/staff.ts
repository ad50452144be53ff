import i18n from "i18next";
import staff from "./staff-messages";

// Loaded with the first page of staff, never by a patient's.
if (!i18n.hasResourceBundle("en", "staff")) i18n.addResourceBundle("en", "staff", staff);
