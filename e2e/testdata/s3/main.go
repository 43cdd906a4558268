// Command s3 is an S3-compatible server that keeps everything in memory. A bucket is made by its first use.
package main

import (
	"log"
	"net/http"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func main() {
	buckets := gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(true))
	server := &http.Server{Addr: ":9000", Handler: buckets.Server(), ReadHeaderTimeout: time.Minute}
	log.Fatal(server.ListenAndServe())
}
