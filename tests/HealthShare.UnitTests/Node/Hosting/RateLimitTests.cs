using System.Net;
using System.Security.Claims;
using HealthShare.Node.Auth;
using HealthShare.Node.Hosting;
using Microsoft.AspNetCore.Http;

namespace HealthShare.UnitTests.Node.Hosting;

public sealed class RateLimitTests
{
    [Fact]
    public void People_of_one_program_are_counted_apart_and_one_person_once_whatever_the_program()
    {
        Caller[] people =
        [
            new("client app", Role.Patient, null, "pt-a"), new("client app", Role.Patient, null, "pt-b"), new("client app", Role.Delegate, null, "pt-a", "dg-a"),
            new("client app", Role.Nurse, "sf-a", null), new("client app", Role.Nurse, "sf-b", null), new("client app", Role.System, null, null),
            new("client other", Role.System, null, null),
        ];
        Assert.Equal(people.Length, people.Select(CountedAs).Distinct().Count());
        Assert.Equal(CountedAs(people[3]), CountedAs(people[3] with { Name = "us-1", Only = [] }));
        Assert.Equal(CountedAs(people[0]), CountedAs(people[0] with { Name = "us-2" }));
        Assert.Equal("address 192.0.2.7", RateLimits.CountedAs(Context(new ClaimsPrincipal(new ClaimsIdentity()))));
    }

    private static string CountedAs(Caller caller) => RateLimits.CountedAs(Context(caller.ToPrincipal("Bearer")));

    private static DefaultHttpContext Context(ClaimsPrincipal user)
    {
        var http = new DefaultHttpContext { User = user };
        http.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");
        return http;
    }
}
