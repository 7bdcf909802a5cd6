// answers: the snapshot that the database holds whole; nothing while a build is writing or was killed
// mode: read
// params: 
MATCH (b:Build {id: 'current'}) WHERE b.state = 'ready'
RETURN b.snapshot AS snapshot
