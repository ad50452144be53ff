using HealthShare.Node.Auth.Sessions;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Node.Receipts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Auth;

public sealed class EndpointPermissionTests
{
    [Fact]
    public async Task Every_address_of_the_api_asks_for_a_permission_and_only_health_description_and_signatures_for_receipts_are_open()
    {
        await using var node = await NodeHost.StartAsync();
        var endpoints = node.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.NotEmpty(endpoints);
        foreach (var endpoint in endpoints)
        {
            var address = endpoint.RoutePattern.RawText!;
            var open = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            // Other members' nodes have no tokens here; whoever asks for a signature must name all that is signed. Nobody has a session before
            // there is one.
            Assert.Equal(!address.StartsWith("/api/", StringComparison.Ordinal) || address == ReceiptEndpoints.SignaturesPath
                || endpoint.Metadata.GetMetadata<OwnPagesOnly>() is not null, open);
            Assert.True(open || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null, $"{address} asks for no permission.");
        }
    }
}
