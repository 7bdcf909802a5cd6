// answers: enterprises whose name, code, pinyin or pinyin initials hold the text; q as typed, largest sales first
// mode: read
// params: q, limit
WITH $q AS q, toUpper($q) AS upper, toLower($q) AS lower
MATCH (e:Enterprise)
WHERE e.dayan = true
  AND (e.name CONTAINS q OR e.code STARTS WITH upper OR e.pinyin CONTAINS lower OR e.initials CONTAINS lower)
WITH e, CASE WHEN e.name CONTAINS q THEN 'name' WHEN e.code STARTS WITH upper THEN 'code'
             WHEN e.initials CONTAINS lower THEN 'initials' ELSE 'pinyin' END AS match
RETURN e.id AS id, e.name AS name, e.code AS code, match
ORDER BY coalesce(e.sales_fen, 0) DESC, id
LIMIT $limit
