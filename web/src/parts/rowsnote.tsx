// A line under the bar for who sees some enterprises only: every figure on every page is of these alone.
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";

export function RowsNote() {
  const { t } = useSettings();
  const { who, bound, outside } = useSession();
  if (!who || !bound || outside) return null;
  const told = who.portfolio ? t("rows_portfolio", { name: who.portfolio.name }) : t("rows_some", { n: who.enterprises?.length ?? 0 });
  return (
    <p className="rowsnote" role="note">
      {told}
    </p>
  );
}
