// answers: the ids of all Region nodes that are or were ours
// mode: read
// params: 
MATCH (n:Region) WHERE n.dayan IS NOT NULL
RETURN n.id AS id, n.dayan AS ours
