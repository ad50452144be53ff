using System.Net;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

public sealed class OwnRequestTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_clinician_lists_what_was_asked_for_and_read_and_nothing_of_anybody_else(DatabaseProvider database)
    {
        await using var scene = await AccessScene.StartAsync(database);
        var (refused, none) = await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"));
        Assert.Empty(none);
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Categories("laboratory", "imaging"));
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose);
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose); // the same record again is the same record

        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var first = await physician.GetOkAsync($"{AccessScene.Requests}?limit=1");
        var newest = Assert.Single(first.GetProperty("items").EnumerateArray());
        Assert.Equal((id, scene.PatientId, "TREAT", 1), (newest.GetProperty("id").GetString(), newest.GetProperty("patientId").GetString(),
            newest.GetProperty("purpose").GetString(), newest.GetProperty("read").GetInt32()));
        var second = await physician.GetOkAsync($"{AccessScene.Requests}?limit=1&cursor={first.GetProperty("next").GetString()}");
        var oldest = Assert.Single(second.GetProperty("items").EnumerateArray());
        Assert.Equal((refused, 0), (oldest.GetProperty("id").GetString(), oldest.GetProperty("read").GetInt32()));
        // How many records a refusal was about nobody learns.
        Assert.DoesNotContain(scene.Hiv, first.GetRawText() + second.GetRawText(), StringComparison.Ordinal);

        using var nurse = scene.Client(AccessScene.South, Role.Nurse);
        Assert.Empty((await nurse.GetOkAsync(AccessScene.Requests)).GetProperty("items").EnumerateArray());
        using var registrar = scene.Client(AccessScene.South, Role.Registrar);
        Assert.Equal(HttpStatusCode.Forbidden, (await registrar.GetAsync(AccessScene.Requests)).StatusCode);
        foreach (var query in (string[])["?limit=0", "?limit=101", "?cursor=%3D", "?cursor=AAAA"])
            Assert.Equal(HttpStatusCode.BadRequest, (await physician.GetAsync(AccessScene.Requests + query)).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_person_lists_what_was_asked_for_in_the_role_of_now_as_it_can_be_read(DatabaseProvider database)
    {
        await using var scene = await AccessScene.StartAsync(database, settings: new Dictionary<string, string?>
        {
            [$"HealthShare:Auth:Callers:{(int)Role.Nurse}:StaffId"] = $"staff-{(int)Role.Physician}",
        });
        await scene.GrantAsync();
        var (asPhysician, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        var (asNurse, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose), Role.Nurse);
        var (unknown, _) = await scene.AskAsync(AccessScene.South, scene.Records(LedgerId.New(IdKind.Record)), Role.Nurse); // of no part
        await SeenAsync(Role.Physician, asPhysician);
        await SeenAsync(Role.Nurse, unknown, asNurse);

        // As a version from before roles were kept left them, and as the migration finds them.
        await scene.ExecuteAsync(AccessScene.South, "UPDATE access_request SET role = NULL");
        await scene.ExecuteAsync(AccessScene.South, Migration("0316_request_role.sql")[1..].Aggregate("", static (sql, next) => sql + next + ";"));
        await SeenAsync(Role.Physician, unknown, asPhysician);
        await SeenAsync(Role.Nurse, unknown, asNurse);

        async Task SeenAsync(Role role, params string[] expected)
        {
            using var client = scene.Client(AccessScene.South, role);
            Assert.Equal(expected, (await client.GetOkAsync(AccessScene.Requests)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
            foreach (var id in (string[])[asPhysician, asNurse, unknown])
            {
                using var answer = await client.GetAsync($"{AccessScene.Requests}/{id}");
                Assert.Equal(expected.Contains(id) ? HttpStatusCode.OK : HttpStatusCode.NotFound, answer.StatusCode);
            }
        }
    }

    // The statements of a file, without its comments.
    private static string[] Migration(string name)
    {
        var assembly = typeof(Migrator).Assembly;
        using var reader = new StreamReader(assembly.GetManifestResourceStream(
            assembly.GetManifestResourceNames().Single(resource => resource.EndsWith(name, StringComparison.Ordinal)))!);
        var lines = reader.ReadToEnd().Split('\n').Where(static line => !line.StartsWith("--", StringComparison.Ordinal));
        return [.. string.Join('\n', lines).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}
