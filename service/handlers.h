/*
 * What a client may ask the service: the table of operations. Every one is safe to repeat.
 *
 * Bodies are maps. `namespace` and `name` name an experiment, `trial` a trial by name or number (as text). Times are RFC 3339
 * UTC text, in answers too. Shapes of experiment and trial objects: docs/json.md.
 *
 *   op                  body                                            answer
 *   hello               {version, conduct: bool}                        {version, pid, conduct: bool, database, schema}
 *                                                                       (a passive owner that hears conduct: true leaves)
 *   experiment.create   {files: [{path, shown, text}], images?: {path, shown, text}, namespace?, name?, strict?, claim: bool}
 *                                                                       {experiments: [{namespace, name, uid, outcome, warnings: [text]}]}
 *                       outcome: created | same | edited | finished; CONFLICT with one line a differing field; name: only that one
 *                       of the file; claim: this service conducts it from now on
 *   experiment.get      {namespace, name, form?: "hone" | "katib"}      {experiment} (hone: with conditions, spec, best, trials' counts)
 *   experiment.list     {namespace?, only_names?: bool}                 {experiments: [summary, or namespace and name alone]}
 *   experiment.claim    {namespace, name}                               {experiment: summary}
 *   experiment.release  {namespace, name}                               {running: n}: no new trials; running ones are stopped and
 *                                                                       repeated later. Repeat until running is 0
 *   experiment.stop     {namespace, name}                               {experiment: summary}
 *   experiment.resume   {namespace, name}                               {experiment: summary}
 *   experiment.edit     {namespace, name, parallelTrialCount?, maxTrialCount?, maxFailedTrialCount?}    {experiment: summary}
 *   experiment.delete   {namespace, name, purge: bool}                  {}
 *   trial.list          {namespace, name, form?, after?: number}        {trials: [trial]}: the next ones; none: that was all
 *   trial.get           {namespace, name?, trial, form?}                {trial} with attempts; name may be left out when the
 *                                                                       trial is given by its full name
 *   trial.stop          {namespace, name?, trial}                       {trial}
 *   trial.curve         {namespace, name?, trial, metric?, attempt?}    {reports: [{time, step, metric, value, role}]}
 *   trial.logs          {namespace, name?, trial, role?, attempt?, offset, max}   {bytes, next, live: bool, attempt}
 *   events              {since, namespace?, name?, max?, wait_ms?}      {events: [{sequence, time, namespace, name, trial?, kind, detail?}]}
 *                       waits until there is one, at most wait_ms (10 s)
 *   backup              {path}                                          {path, bytes}
 *
 * Of agents (each with the key of its attempt: {experiment, number, attempt, key} by ids):
 *   agent.hello         {..., pid}                                      {progress: [sequence by role]}
 *   agent.report        {..., reports: [[role, sequence, time_us, step, metric, value], ...]}    {} once stored
 *   agent.end           {..., end, message, tail, job_reason, wall_s, cpu_s, peak_memory}        {} once stored
 *   agent.beat          {...}                                           {}
 *   A CONFLICT answer tells an agent that its attempt is no longer wanted: it ends its roles and itself.
 */
#ifndef HONE_SERVICE_HANDLERS_H
#define HONE_SERVICE_HANDLERS_H

#endif
