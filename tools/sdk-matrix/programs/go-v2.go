// The AWS SDK for Go, version 2: the caller's ARN, from the credentials that the environment leads to.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	loaded, err := config.LoadDefaultConfig(context.Background(), config.WithRegion("eu-west-1"))
	if err == nil {
		client := sts.NewFromConfig(loaded, func(options *sts.Options) {
			options.BaseEndpoint = aws.String(os.Getenv("STS_ENDPOINT"))
		})
		var answer *sts.GetCallerIdentityOutput
		if answer, err = client.GetCallerIdentity(context.Background(), nil); err == nil {
			fmt.Println(*answer.Arn)
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
