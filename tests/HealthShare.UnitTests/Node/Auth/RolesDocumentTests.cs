using HealthShare.Node.Auth;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Auth;

public sealed class RolesDocumentTests
{
    [Fact]
    public async Task The_document_is_what_the_application_says()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(SharedData.RepositoryRoot, "docs", "roles.md"));
        Assert.True(await RolesDocument.WriteAsync() == document,
            "Write it anew: dotnet run --project node/HealthShare.Node -- roles > docs/roles.md");
    }

    [Theory]
    [InlineData(Role.Researcher, "TREAT", false)]
    [InlineData(Role.Researcher, "HRESCH", true)]
    [InlineData(Role.Pharmacist, "TREAT", true)]
    public void A_researcher_asks_for_research_alone(Role role, string purpose, bool may) => Assert.Equal(may, Permissions.MayAskFor(role, purpose));
}
