using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Auth;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Auth;

public sealed class CallerDirectoryTests
{
    private readonly IConfigurationRoot settings = new ConfigurationBuilder().AddInMemoryCollection(
    [
        new("HealthShare:Auth:Callers:0:Name", "a"), new("HealthShare:Auth:Callers:0:Role", "Nurse"),
        new("HealthShare:Auth:Callers:0:StaffId", "s"), new("HealthShare:Auth:Callers:0:TokenSha256", Hash("one")),
    ]).Build();

    private readonly CallerDirectory directory;

    public CallerDirectoryTests() => directory = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(settings)
        .AddNodeAuth().BuildServiceProvider().GetRequiredService<CallerDirectory>();

    [Fact]
    public void A_token_finds_its_caller_and_no_other()
    {
        Assert.Equal(new Caller("a", Role.Nurse, "s", null), directory.Find("one"));
        Assert.Null(directory.Find("two"));
        Assert.Null(directory.Find(""));
    }

    [Fact]
    public void Callers_come_with_changed_settings_and_without_a_restart()
    {
        settings["HealthShare:Auth:Callers:1:Name"] = "b";
        settings["HealthShare:Auth:Callers:1:Role"] = "System";
        settings["HealthShare:Auth:Callers:1:TokenSha256"] = Hash("two");
        settings.Reload();
        Assert.Equal("b", directory.Find("two")?.Name);
    }

    [Theory]
    [InlineData("HealthShare:Auth:Callers:0:TokenSha256", "short")]
    [InlineData("HealthShare:Auth:Callers:0:Role", "Surgeon-General")]
    [InlineData("HealthShare:Auth:Callers:0:StaffId", null)]
    public void Changed_settings_that_are_not_valid_leave_the_callers_as_they_were(string setting, string? value)
    {
        settings[setting] = value;
        settings.Reload();
        Assert.Equal("a", directory.Find("one")?.Name);
    }

    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
