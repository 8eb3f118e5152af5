// The AWS SDK for Java, version 2: the caller's ARN, from the credentials that the environment leads to.
import java.net.URI;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;

public class JavaV2 {
    public static void main(String[] arguments) {
        var endpoint = URI.create(System.getenv("STS_ENDPOINT"));
        try (var client = StsClient.builder().region(Region.EU_WEST_1).endpointOverride(endpoint).build()) {
            System.out.println(client.getCallerIdentity().arn());
        }
    }
}
