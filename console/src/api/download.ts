// A file of the server's, saved by the browser. Fetched rather than linked to: only requests with the console's header
// count as the session's.
import { ApiError, consoleHeaders, failure, tellSignedOut } from "./client";

export async function download(path: string, name: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(path, { headers: { ...consoleHeaders }, credentials: "same-origin" });
  } catch {
    throw new ApiError("", 0, "Unreachable", "");
  }
  if (response.status === 401) tellSignedOut();
  if (!response.ok) throw await failure(response);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
