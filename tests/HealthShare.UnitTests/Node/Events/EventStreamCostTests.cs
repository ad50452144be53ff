using System.Data.Common;
using System.Net.ServerSentEvents;
using Dapper;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Problems;
using HealthShare.UnitTests.Node.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Events;

/// <summary>What many streams cost, and who gets a place.</summary>
public sealed class EventStreamCostTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task An_event_for_one_of_many_streams_is_read_once_for_all()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var counted = new CountedDatabase(node.Database);
        var table = new EventTable(counted);
        using var feed = new EventFeed(counted, table, TimeProvider.System, NullLogger<EventFeed>.Instance);
        using var seal = new CursorSeal(node.Keys);
        await using var services = new ServiceCollection().AddSingleton(Handlers()).BuildServiceProvider();
        var streams = new EventStreams(table, feed, new JobBoard(feed, TimeProvider.System),
            new CallerStanding(null!, services.GetRequiredService<IServiceScopeFactory>()), seal, counted, Substitute.For<IHostApplicationLifetime>(),
            Options.Create(new EventsOptions { Heartbeat = TimeSpan.FromMinutes(2) }), TimeProvider.System);
        await feed.LookAsync(default);
        var open = new List<IAsyncEnumerator<SseItem<string>>>();
        for (var number = 0; number < 200; number++)
        {
            var caller = new Caller("app", Role.Patient, null, $"pt-{number}");
            var stream = streams.ReadAsync(new DefaultHttpContext { User = caller.ToPrincipal("test") }, caller, null, default).GetAsyncEnumerator();
            Assert.True(await stream.MoveNextAsync());
            Assert.Equal("ready", stream.Current.EventType);
            open.Add(stream);
        }
        var next = open.ConvertAll(stream => stream.MoveNextAsync().AsTask());
        await node.Database.WriteAsync(transaction => EventTable.AddAsync(transaction,
            [new NodeEvent(EventTopic.Notification, "consentAccepted", DateTimeOffset.UtcNow) { PatientId = "pt-7", Subject = "st-1" }], default), default);
        counted.Opened = 0;
        await feed.LookAsync(default);
        Assert.True(await next[7].WaitAsync(Patience));
        Assert.Equal("notification", open[7].Current.EventType);
        Assert.Equal(2, counted.Opened); // the look, and the events that it found
        Assert.Equal(1, next.Count(one => one.IsCompleted));

        // Who comes back to what was before the last look reads it from the table.
        var late = new Caller("app", Role.Patient, null, "pt-7");
        var again = streams.ReadAsync(new DefaultHttpContext { User = late.ToPrincipal("test") }, late, 0, default).GetAsyncEnumerator();
        Assert.True(await again.MoveNextAsync() && await again.MoveNextAsync().AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_patient_hears_that_the_own_log_has_grown_and_nobody_elses()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var table = new EventTable(node.Database);
        using var feed = new EventFeed(node.Database, table, TimeProvider.System, NullLogger<EventFeed>.Instance);
        using var seal = new CursorSeal(node.Keys);
        await using var services = new ServiceCollection().AddSingleton(Handlers()).BuildServiceProvider();
        var streams = new EventStreams(table, feed, new JobBoard(feed, TimeProvider.System),
            new CallerStanding(null!, services.GetRequiredService<IServiceScopeFactory>()), seal, node.Database, Substitute.For<IHostApplicationLifetime>(),
            Options.Create(new EventsOptions { Heartbeat = TimeSpan.FromMinutes(2) }), TimeProvider.System);
        await feed.LookAsync(default);
        var open = new List<IAsyncEnumerator<SseItem<string>>>();
        foreach (var patientId in (string[])["pt-1", "pt-2"])
        {
            var caller = new Caller("app", Role.Patient, null, patientId);
            open.Add(streams.ReadAsync(new DefaultHttpContext { User = caller.ToPrincipal("test") }, caller, null, default).GetAsyncEnumerator());
            Assert.True(await open[^1].MoveNextAsync());
        }
        var next = open.ConvertAll(stream => stream.MoveNextAsync().AsTask());
        foreach (var patientId in (string[])["pt-3", "pt-2"])
        {
            await node.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync("""
                INSERT INTO access_event (patient_id, happened_at, kind, requester, access_id) VALUES (@patientId, 0, 'read', 'NorthMSP', 'ac-1')
                """, new { patientId }, transaction), default);
            await feed.LookAsync(default);
        }
        Assert.True(await next[1].WaitAsync(Patience));
        Assert.Equal("accessLog", open[1].Current.EventType);
        Assert.False(next[0].IsCompleted);
    }

    [Fact]
    public async Task A_line_of_the_log_that_shows_after_a_later_one_is_told_all_the_same()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        using var feed = new EventFeed(database.Instance, new EventTable(database.Instance), TimeProvider.System, NullLogger<EventFeed>.Instance);
        await AddAsync(11, "pt-1");
        await feed.LookAsync(default);
        var before = feed.Current;
        await feed.LookAsync(default);
        Assert.Same(before, feed.Current);
        await AddAsync(10, "pt-2");
        await feed.LookAsync(default);
        Assert.True(feed.Current.MayHaveLogged(before, "pt-2"));
        Assert.False(feed.Current.MayHaveLogged(before, "pt-3"));

        Task AddAsync(long seq, string patientId) => database.Instance.WriteAsync(transaction => transaction.Connection!.ExecuteAsync("""
            INSERT INTO access_event (seq, patient_id, happened_at, kind, requester, access_id) VALUES (@seq, @patientId, 0, 'read', 'NorthMSP', 'ac-1')
            """, new { seq, patientId }, transaction), default);
    }

    [Fact]
    public async Task A_reader_who_missed_a_look_asks_for_itself()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var table = new EventTable(database.Instance);
        using var feed = new EventFeed(database.Instance, table, TimeProvider.System, NullLogger<EventFeed>.Instance);
        var filter = new EventFilter([EventTopic.Incident]);
        await feed.LookAsync(default);
        for (var round = 1; round <= 2; round++)
        {
            await AddAsync(1);
            await feed.LookAsync(default);
        }
        Assert.Equal((3, 2L), (feed.Current.Number, feed.Current.Last));
        Assert.Null(feed.Current.Wanted(filter, 0));
        Assert.Equal([2L], feed.Current.Wanted(filter, 1)!.Select(one => one.Sequence));
        Assert.Empty(feed.Current.Wanted(filter with { PatientId = "pt-1" }, 1)!);
        Assert.Empty(feed.Current.Wanted(filter, 2)!);
        await AddAsync(EventTable.Batch + 1); // more than is handed out
        await feed.LookAsync(default);
        Assert.Null(feed.Current.Wanted(filter, 2));

        Task AddAsync(int count) => database.Instance.WriteAsync(transaction => EventTable.AddAsync(transaction,
            [.. Enumerable.Range(0, count).Select(_ => new NodeEvent(EventTopic.Incident, "incidentNoted", DateTimeOffset.UnixEpoch))], default), default);
    }

    [Fact]
    public void Each_step_of_a_job_wakes_nobody_more_than_once_a_second_and_its_end_always()
    {
        var clock = new SteppedClock();
        using var feed = new EventFeed(null!, null!, clock, NullLogger<EventFeed>.Instance);
        var (jobs, woken) = (new JobBoard(feed, clock), 0);
        for (var step = 0; step < 100; step++)
            Report("running");
        Assert.Equal(1, woken);
        clock.Forward(TimeSpan.FromSeconds(1));
        Report("running");
        Assert.Equal(2, woken);
        Report("done");
        Assert.Equal(3, woken);

        void Report(string state)
        {
            var next = feed.NextAsync();
            jobs.Report(Permission.SeeContentHealth, new JobProgress("contentCheck", 1, 2, state));
            woken += next.IsCompleted ? 1 : 0;
        }
    }

    [Fact]
    public void Patients_leave_places_to_staff_and_people_of_one_program_have_places_of_their_own()
    {
        var bounds = new StreamBounds(Options.Create(new EventsOptions { Streams = 10, StreamsPerCaller = 1 }));
        for (var number = 0; number < 9; number++)
        {
            Assert.NotNull(bounds.TryEnter(Patient(number)));
            Assert.Null(bounds.TryEnter(Patient(number)));
        }
        Assert.Null(bounds.TryEnter(Patient(9)));
        var staff = new Caller("app", Role.PrivacyOfficer, "staff-1", null);
        var place = bounds.TryEnter(staff);
        Assert.NotNull(place);
        Assert.Null(bounds.TryEnter(staff with { StaffId = "staff-2" }));
        place.Dispose();
        place.Dispose(); // counts once
        Assert.NotNull(bounds.TryEnter(staff with { StaffId = "staff-2" }));
        Assert.Null(bounds.TryEnter(staff));

        static Caller Patient(int number) => new("app", Role.Patient, null, $"pt-{number}");
    }

    [Fact]
    public async Task Of_many_who_come_at_once_no_more_get_a_place_than_there_are()
    {
        var bounds = new StreamBounds(Options.Create(new EventsOptions { Streams = 100, StreamsPerCaller = 7 }));
        var caller = new Caller("officer", Role.PrivacyOfficer, "staff-1", null);
        var got = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => bounds.TryEnter(caller) is not null)));
        Assert.Equal(7, got.Count(static one => one));
    }

    // Lets each caller stand as it stood.
    private static IAuthenticationHandlerProvider Handlers()
    {
        var handlers = Substitute.For<IAuthenticationHandlerProvider>();
        handlers.GetHandlerAsync(Arg.Any<HttpContext>(), Arg.Any<string>()).Returns(call =>
        {
            var handler = Substitute.For<IAuthenticationHandler>();
            handler.AuthenticateAsync().Returns(AuthenticateResult.Success(new AuthenticationTicket(call.Arg<HttpContext>().User, "test")));
            return handler;
        });
        return handlers;
    }

    private sealed class CountedDatabase(IDatabase inner) : IDatabase
    {
        private int opened;

        public int Opened
        {
            get => Volatile.Read(ref opened);
            set => Volatile.Write(ref opened, value);
        }

        public DatabaseProvider Provider => inner.Provider;

        public Task<DbConnection> OpenAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref opened);
            return inner.OpenAsync(ct);
        }

        public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct) => inner.WriteAsync(work, ct);
    }

    private sealed class SteppedClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Forward(TimeSpan by) => now += by.Ticks;
    }
}
