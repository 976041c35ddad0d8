/**
 * Estimates from spans that were drawn: each stands for `adjusted_count` spans (adjusted-count.ts), and those that were
 * kept for another reason for none. Where all that were drawn stand for as many, as without sampling, plain quantiles
 * are right; only groups in which they do not are sorted and weighed.
 */

/** Estimated number of the rows that fulfil `condition`, whole. */
export const estimatedCount = (condition = 'true'): string =>
  `round(coalesce(sum(adjusted_count) FILTER (${condition}), 0))`;

/**
 * CTEs that follow one named `rows` (group columns, `duration`, `adjusted_count`): `estimated` holds, for each group,
 * `quantiles`, a list of those asked for. A group of which nothing was drawn shows what is stored of it.
 */
export function estimatedQuantiles(group: string, shares: readonly number[]): string {
  const picks = shares.map((share) => `min(duration) FILTER (reached >= ${share} * total)`);
  return `even AS (
      SELECT ${group}, coalesce(min(adjusted_count) FILTER (adjusted_count > 0), 0) AS least,
        max(adjusted_count) AS most,
        quantile_disc(duration, [${shares.join(', ')}]) FILTER (adjusted_count > 0) AS quantiles
      FROM rows GROUP BY ${group}
    ), uneven AS (
      SELECT ${group}, most = 0 AS kept_only FROM even WHERE most = 0 OR least < most
    ), weighed AS (
      SELECT ${group}, duration, CASE WHEN kept_only THEN 1 ELSE adjusted_count END AS weight
      FROM rows JOIN uneven USING (${group}) WHERE kept_only OR adjusted_count > 0
    ), summed AS (
      SELECT ${group}, duration, sum(weight) OVER (PARTITION BY ${group} ORDER BY duration) AS reached,
        sum(weight) OVER (PARTITION BY ${group}) AS total
      FROM weighed
    ), picked AS (
      SELECT ${group}, [${picks.join(', ')}] AS quantiles FROM summed GROUP BY ${group}
    ), estimated AS (
      SELECT ${group}, coalesce(picked.quantiles, even.quantiles) AS quantiles
      FROM even LEFT JOIN picked USING (${group})
    )`;
}
