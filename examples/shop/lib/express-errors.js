/** Last middleware of an Express application: an error becomes a JSON answer, and a log line when it is ours. */
export function answerErrors(log) {
  return (err, req, res, _next) => {
    const status = err.statusCode ?? 500;
    if (status >= 500) log.error({ err, method: req.method, path: req.path }, err.message);
    res.status(status).json({ error: err.message });
  };
}
