using HealthShare.Sandbox;

namespace HealthShare.IntegrationTests.Sandbox;

public sealed class WelcomeTests
{
    private const string Link = "http://localhost:1/enrol#token";

    [Fact]
    public void Links_for_a_browser_are_given_out_where_there_are_pages_and_else_it_is_said_how_to_have_them()
    {
        Assert.Contains(Link, Said(hasPortal: true), StringComparison.Ordinal);
        Assert.DoesNotContain("was not built", Said(hasPortal: true), StringComparison.Ordinal);
        Assert.DoesNotContain(Link, Said(hasPortal: false), StringComparison.Ordinal);
        Assert.Contains("The portal was not built", Said(hasPortal: false), StringComparison.Ordinal);
        Assert.Contains("build again", Said(hasPortal: false), StringComparison.Ordinal);
    }

    private static string Said(bool hasPortal)
    {
        var output = new StringWriter();
        Welcome.PrintLinks(hasPortal,
            [new SignIn("north", new Uri("http://localhost:1"), "Anna Keller", "patient", "token", EnrolmentLink: Link)], "sign-ins.json", output);
        return output.ToString();
    }
}
