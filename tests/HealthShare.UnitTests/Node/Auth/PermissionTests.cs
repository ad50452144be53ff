using HealthShare.Node.Auth;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Auth;

public sealed class PermissionTests
{
    [Fact]
    public void Every_permission_has_its_roles() =>
        Assert.All(Enum.GetValues<Permission>(), permission =>
            Assert.Contains(Enum.GetValues<Role>(), role => Permissions.Allows(permission, role)));

    [Theory]
    [InlineData(Permission.ReadRecords, Role.Physician, true)]
    [InlineData(Permission.ReadRecords, Role.ItAdministrator, false)]
    [InlineData(Permission.ReadRecords, Role.Patient, false)]
    [InlineData(Permission.SeePatients, Role.ItAdministrator, false)]
    [InlineData(Permission.RegisterPatients, Role.Physician, false)]
    [InlineData(Permission.SeeAccessLog, Role.Patient, true)]
    public void A_role_may_what_the_table_says(Permission permission, Role role, bool may) =>
        Assert.Equal(may, Permissions.Allows(permission, role));

    [Fact]
    public void A_token_finds_its_caller_and_no_other()
    {
        var options = new AuthOptions();
        options.Callers.Add(new CallerOptions { Name = "a", Role = Role.Nurse, StaffId = "s", TokenSha256 = Hash("one") });
        options.Callers.Add(new CallerOptions { Name = "b", Role = Role.System, TokenSha256 = Hash("two") });
        var directory = new CallerDirectory(Options.Create(options));
        Assert.Equal("a", directory.Find("one")?.Name);
        Assert.Equal("b", directory.Find("two")?.Name);
        Assert.Null(directory.Find("three"));
        Assert.Null(directory.Find(""));
    }

    private static string Hash(string token) =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));
}
