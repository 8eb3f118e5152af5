// The AWS SDK for Java, version 1: the caller's ARN, from the credentials that the environment leads to.
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClientBuilder;
import com.amazonaws.services.securitytoken.model.GetCallerIdentityRequest;

public class JavaV1 {
    public static void main(String[] arguments) {
        var endpoint = new EndpointConfiguration(System.getenv("STS_ENDPOINT"), "eu-west-1");
        var client = AWSSecurityTokenServiceClientBuilder.standard().withEndpointConfiguration(endpoint).build();
        System.out.println(client.getCallerIdentity(new GetCallerIdentityRequest()).getArn());
    }
}
