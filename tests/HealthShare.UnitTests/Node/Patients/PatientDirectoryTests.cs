using Dapper;
using HealthShare.Hl7.Values;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Patients;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Patients;

public sealed class PatientDirectoryTests
{
    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Many_messages_about_a_new_person_at_once_make_one_patient(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var keys = new IntakeKeys(node.Keys);
        var directory = new PatientDirectory(node.Database, keys, node.Clock);
        for (var person = 0; person < 10; person++)
        {
            var numbers = new[] { Number($"A{person}"), Number($"B{person}"), Number($"A{person}") };
            var found = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => directory.FindOrCreateAsync(
                i % 2 == 0 ? numbers : [.. numbers.Reverse()], default))));
            Assert.Single(found.Select(entry => entry.PatientId).Distinct());
        }
        await using var connection = await node.Database.OpenAsync(default);
        Assert.Equal(10, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM patient_directory"));
        Assert.Equal(20, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM patient_identifier"));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Names_that_are_said_later_to_be_one_authority_find_who_was_known_erased_or_two_under_each(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var before = new IntakeKeys(node.Keys);
        var first = new PatientDirectory(node.Database, before, node.Clock);
        var known = (await first.FindOrCreateAsync([Numbered("1", "", "1.2.3")], default)).PatientId;
        var erased = (await first.FindOrCreateAsync([Numbered("2", "", "1.2.3")], default)).PatientId;
        await node.Database.WriteAsync(transaction => PatientDirectory.EraseAsync(transaction, erased, node.Clock.GetUtcNow(), default), default);
        foreach (var (name, oid) in new[] { ("NORTH", ""), ("", "1.2.3") })
            await first.FindOrCreateAsync([Numbered("3", name, oid)], default);

        using var keys = new IntakeKeys(node.Keys, new AuthorityNames([new AuthorityOptions { Name = "NORTH", Aliases = { "1.2.3", "north" } }]));
        var directory = new PatientDirectory(node.Database, keys, node.Clock);
        Assert.Equal(known, await directory.FindAsync(Numbered("1", "NORTH", ""), default));
        Assert.Equal(known, Assert.Single(await directory.FindOrCreateAsync([[Numbered("1", "north", "")]], default))?.PatientId);
        Assert.Equal(new DirectoryEntry?[] { DirectoryEntry.Erased, null }, await directory.FindOrCreateAsync([[Numbered("2", "NORTH", "")], [Numbered("3", "NORTH", "")]], default));
        Assert.Null(await directory.FindAsync(Numbered("3", "NORTH", ""), default));
        await Assert.ThrowsAsync<PatientConflictException>(() => directory.JoinAsync(Numbered("1", "NORTH", ""), "pt-other", default));
    }

    private static PatientIdentifier Numbered(string id, string name, string oid) => Number(id) with { Authority = new AssigningAuthority(name, oid, oid.Length > 0 ? "ISO" : "") };

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_number_that_two_patients_are_joined_to_at_once_becomes_one_ones(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var keys = new IntakeKeys(node.Keys);
        var directory = new PatientDirectory(node.Database, keys, node.Clock);
        for (var round = 0; round < 10; round++)
        {
            var number = Number($"A{round}");
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
            {
                try
                {
                    await directory.JoinAsync(number, $"pt-{round}-{i}", default);
                    return $"pt-{round}-{i}";
                }
                catch (PatientConflictException)
                {
                    return null;
                }
            })));
            Assert.Equal(Assert.Single(outcomes, outcome => outcome is not null), (await directory.FindOrCreateAsync([number], default)).PatientId);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Numbers_of_two_patients_are_a_conflict_that_changes_nothing(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var keys = new IntakeKeys(node.Keys);
        var directory = new PatientDirectory(node.Database, keys, node.Clock);
        await directory.FindOrCreateAsync([Number("1")], default);
        await directory.FindOrCreateAsync([Number("2")], default);
        await Assert.ThrowsAsync<PatientConflictException>(() => directory.FindOrCreateAsync([Number("1"), Number("2"), Number("3")], default));
        await using var connection = await node.Database.OpenAsync(default);
        Assert.Equal(2, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM patient_identifier"));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task An_id_that_somebody_took_is_replaced_for_all_numbers_and_never_once_enrolled(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var keys = new IntakeKeys(node.Keys);
        var directory = new PatientDirectory(node.Database, keys, node.Clock);
        var taken = await directory.FindOrCreateAsync([Number("1"), Number("2")], default);
        await directory.ReplaceAsync(taken.PatientId, default);
        var fresh = await directory.FindOrCreateAsync([Number("1")], default);
        Assert.NotEqual(taken.PatientId, fresh.PatientId);
        Assert.Equal(fresh, await directory.FindOrCreateAsync([Number("2")], default));
        await directory.EnrolledAsync(fresh.PatientId, default);
        await directory.ReplaceAsync(fresh.PatientId, default);
        Assert.Equal(fresh.PatientId, (await directory.FindOrCreateAsync([Number("1")], default)).PatientId);
    }

    private static PatientIdentifier Number(string number) => new(number, new AssigningAuthority("NORTH", "", ""), "MR");
}
