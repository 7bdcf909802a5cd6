// answers: what the last build said of itself: snapshot, state (writing or ready), form of the model, id of the data folder
// mode: read
// params: 
MATCH (b:Build {id: 'current'})
RETURN b.snapshot AS snapshot, b.state AS state, b.model AS model, b.folder AS folder
