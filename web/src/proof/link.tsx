// The papers behind a link: every invoice between two firms, each of which opens further.
import { type Enterprise, type Proof, where } from "../api.ts";
import { useAnswer, usePages } from "../answer.ts";
import { count, money, unitName } from "../format.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Empty, Failed, Loading, More } from "../parts/states.tsx";
import { Tag } from "../parts/tag.tsx";
import { Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSettings } from "../settings.ts";

export function LinkProof({ enterprise, partner, side }: { place: Place; enterprise: string; partner: string; side: "suppliers" | "customers" }) {
  const { t, lang } = useSettings();
  const one = useAnswer<Enterprise>(where.enterprise(enterprise));
  const other = useAnswer<Enterprise>(where.enterprise(partner));
  const { data, failure, again, more, moreState } = usePages<Proof>((cursor) => where.evidence(enterprise, partner, side, cursor));
  const names = [one.data?.name ?? "…", other.data?.name ?? "…"];
  const [seller = "", buyer = ""] = side === "customers" ? names : names.reverse();
  return (
    <>
      <PanelHeading>{t("evidence_title", { seller, buyer })}</PanelHeading>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading />}
      {data?.items.length === 0 && <Empty>{t("empty_proofs")}</Empty>}
      {data && data.items.length > 0 && (
        <>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t("evidence")}</th>
                <th scope="col" className="number">
                  {t("amount", { unit: unitName(lang, "one") })}
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((proof) => (
                <tr key={proof.fact}>
                  <td>
                    <time dateTime={proof.happened_on ?? undefined}>{proof.happened_on}</time>{" "}
                    <Traced proof={{ of: "fact", fact: proof.fact }}>
                      <code>{proof.number ?? proof.fact}</code>
                    </Traced>{" "}
                    {proof.status === "red" && <Tag word="red" kind="red" />}
                    {proof.status === "void" && <Tag word="void" />}
                    <div className="hint">{proof.lines.map((line) => line.item).filter(Boolean).slice(0, 2).join(" · ")}</div>
                  </td>
                  <td className={(proof.amount_fen ?? 0) < 0 ? "number negative" : "number"}>{money(proof.amount_fen, lang, "one")}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <More shown={data.items.length} total={data.total} more={more} state={moreState} />
          <p className="hint">{t("evidence_lead", { n: count(data.total) })}</p>
        </>
      )}
    </>
  );
}
