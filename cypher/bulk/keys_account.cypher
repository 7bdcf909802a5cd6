// answers: the ids of all Account nodes that are or were ours
// mode: read
// params: 
MATCH (n:Account) WHERE n.dayan IS NOT NULL
RETURN n.id AS id, n.dayan AS ours
