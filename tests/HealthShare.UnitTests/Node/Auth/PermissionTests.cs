using HealthShare.Node.Auth;

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
    [InlineData(Permission.RegisterPatients, Role.System, true)]
    [InlineData(Permission.AcceptCredentials, Role.System, false)]
    [InlineData(Permission.SeeAccessLog, Role.Patient, true)]
    public void A_role_may_what_the_table_says(Permission permission, Role role, bool may) =>
        Assert.Equal(may, Permissions.Allows(permission, role));
}
