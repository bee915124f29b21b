// One line of JSON for each test: what pytest reports.
export default async function* reporter(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const fault = data.details.error?.cause ?? data.details.error;
    yield `${JSON.stringify({
      name: data.name,
      passed: type === "test:pass",
      seconds: data.details.duration_ms / 1000,
      fault: type === "test:fail" ? (fault?.stack ?? String(fault)) : "",
    })}\n`;
  }
}
