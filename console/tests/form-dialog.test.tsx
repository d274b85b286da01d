// Dialogs that are closed before the server has answered.
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";

import { FormDialog } from "../src/ui/form-dialog";
import { NoticeProvider } from "../src/ui/notices";

interface PageProps {
  send: () => Promise<void>;
}

// Two questions, as the actions of a page have them: one of them at a time.
function Page({ send }: PageProps) {
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <NoticeProvider>
      {["First", "Second"].map((title) => (
        <button key={title} onClick={() => setAsked(title)}>
          Ask {title}
        </button>
      ))}
      {asked !== null && (
        <FormDialog
          key={asked}
          title={asked}
          fields={[{ name: "name", label: "Name" }]}
          submit="Send"
          onSubmit={send}
          onClose={() => setAsked(null)}
        />
      )}
    </NoticeProvider>
  );
}

async function sendAndLeave(send: () => Promise<void>) {
  const user = userEvent.setup({ delay: null });
  render(<Page send={send} />);
  await user.click(screen.getByRole("button", { name: "Ask First" }));
  await user.click(screen.getByRole("button", { name: "Send" }));
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await user.click(screen.getByRole("button", { name: "Ask Second", hidden: true }));
  expect(screen.getByRole("dialog", { name: "Second" })).toBeDefined();
}

it("do not close the one that was opened since", async () => {
  let answer = () => undefined as void;
  await sendAndLeave(() => new Promise((done) => (answer = done)));
  answer();
  await new Promise((done) => setTimeout(done, 20));
  expect(screen.getByRole("dialog", { name: "Second" })).toBeDefined();
});

it("tell what failed, though they are gone", async () => {
  let refuse: (why: Error) => void = () => undefined;
  await sendAndLeave(() => new Promise((_done, fail) => (refuse = fail)));
  refuse(new Error("No more addresses"));
  expect(await screen.findByText("First: No more addresses")).toBeDefined();
});

it("send once, however often the button is pressed", async () => {
  const user = userEvent.setup({ delay: null });
  const send = vi.fn(() => new Promise<void>(() => undefined));
  render(<Page send={send} />);
  await user.click(screen.getByRole("button", { name: "Ask First" }));
  await user.type(screen.getByRole("textbox", { name: "Name" }), "x{Enter}{Enter}");
  await user.click(screen.getByRole("button", { name: /Send/ }));
  expect(send).toHaveBeenCalledTimes(1);
});
