module memcubed.internal/go-tests

go 1.25

require memcubed.internal/go v0.0.0

replace memcubed.internal/go => ../../../sdk/go
