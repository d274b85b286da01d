// Streams of server-sent events, read with fetch so that the request can carry its header.
import { ApiError, consoleHeaders, failure, tellSignedOut } from "./client";

export interface ServerEvent {
  event: string;
  data: string;
}

// Cuts a stream of text into events (HTML standard, 9.2.6). Give it chunks as they come.
export function eventReader(onEvent: (event: ServerEvent) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const blocks = (rest + chunk).replace(/\r\n?/g, "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      let event = "message";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) event = line.slice(6).trim();
        if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
      }
      if (data.length > 0) onEvent({ event, data: data.join("\n") });
    }
  };
}

async function readStream(response: Response, onEvent: (event: ServerEvent) => void): Promise<void> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = eventReader(onEvent);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    read(value);
  }
}

// Hears what the server tells below `path` until one of both ends it. `onOpen`: it has begun to tell. Throws an ApiError
// when the server refuses or is not reached any more.
export async function listen(
  path: string,
  signal: AbortSignal,
  onOpen: () => void,
  onEvent: (event: ServerEvent) => void,
): Promise<void> {
  try {
    const response = await fetch(path, {
      headers: { ...consoleHeaders, Accept: "text/event-stream" },
      credentials: "same-origin",
      signal,
    });
    if (response.status === 401) tellSignedOut();
    if (!response.ok) throw await failure(response);
    onOpen();
    await readStream(response, onEvent);
  } catch (error) {
    if (signal.aborted || error instanceof ApiError) throw error;
    throw new ApiError("", 0, "Unreachable", "");
  }
}
