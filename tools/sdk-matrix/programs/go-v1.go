// The AWS SDK for Go, version 1: the caller's ARN, from the credentials that the environment leads to.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sts"
)

func main() {
	config := aws.Config{Region: aws.String("eu-west-1"), Endpoint: aws.String(os.Getenv("STS_ENDPOINT"))}
	options := session.Options{Config: config, SharedConfigState: session.SharedConfigEnable}
	client := sts.New(session.Must(session.NewSessionWithOptions(options)))
	answer, err := client.GetCallerIdentity(&sts.GetCallerIdentityInput{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(*answer.Arn)
}
