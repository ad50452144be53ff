import {
  Activity, CalendarDays, ClipboardList, FileText, FlaskConical, HeartPulse, Image, NotebookText, Pill, ReceiptText, Scissors, Send, Syringe, type LucideIcon,
} from "lucide-react";
import type { Category } from "./codes";

const icons: Record<Category, LucideIcon> = {
  laboratory: FlaskConical, imaging: Image, observation: Activity, document: FileText, medication: Pill, immunization: Syringe, procedure: Scissors,
  encounter: CalendarDays, order: ClipboardList, referral: Send, appointment: CalendarDays, "care-plan": HeartPulse, billing: ReceiptText, other: NotebookText,
};

/** A picture of a kind of data; decoration only, the word stands beside it. */
export function CategoryIcon({ code }: { code: string | undefined }) {
  const Icon = icons[code as Category] ?? NotebookText;
  return <span className="hs-icon" aria-hidden><Icon size={20} /></span>;
}
