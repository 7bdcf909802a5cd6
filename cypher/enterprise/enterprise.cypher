// answers: one enterprise by id, with how many suppliers and customers it has
// mode: read
// params: id
MATCH (e:Enterprise {id: $id}) WHERE e.dayan = true
RETURN e.id AS id, e.name AS name, e.code AS code, e.region AS region, e.industry AS industry,
       e.size AS size, e.taxpayer AS taxpayer, e.legal_form AS legal_form, e.role AS role, e.hub AS hub,
       e.sales_fen AS sales_fen, e.purchases_fen AS purchases_fen, e.synthetic AS synthetic,
       COUNT { (:Enterprise)-[:SUPPLIES {dayan: true, basis: 'observed'}]->(e) } AS suppliers,
       COUNT { (e)-[:SUPPLIES {dayan: true, basis: 'observed'}]->(:Enterprise) } AS customers
