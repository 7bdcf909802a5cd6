// Tabs whose open one stands in the address.
import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from "react-aria-components";

export interface Sheet {
  id: string;
  title: string;
  children: ReactNode;
}

export function Tabs({ label, sheets, open, onOpen }: { label: string; sheets: readonly Sheet[]; open: string; onOpen: (id: string) => void }) {
  return (
    <AriaTabs className="sheets" selectedKey={open} onSelectionChange={(key) => onOpen(String(key))}>
      <TabList aria-label={label} className="sheettabs">
        {sheets.map((sheet) => (
          <Tab key={sheet.id} id={sheet.id} className="sheettab">
            {sheet.title}
          </Tab>
        ))}
      </TabList>
      {sheets.map((sheet) => (
        <TabPanel key={sheet.id} id={sheet.id} className="sheet">
          {sheet.children}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
