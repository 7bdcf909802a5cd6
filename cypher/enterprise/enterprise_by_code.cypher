// answers: the enterprises with exactly this code
// mode: read
// params: code
MATCH (e:Enterprise {code: $code}) WHERE e.dayan = true
RETURN e.id AS id, e.name AS name, e.code AS code
ORDER BY id
