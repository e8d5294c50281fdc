module memcubed.internal/go

go 1.24
