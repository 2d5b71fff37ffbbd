package undring.client;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.HashMap;
import java.util.Map;
import undring.v1.Feedback.*;
import undring.v1.FeedbackServiceGrpc;
import undring.v1.FeedbackServiceGrpc.FeedbackServiceBlockingStub;
import undring.v1.ObservationOuterClass.*;
import undring.v1.ObservationServiceGrpc;
import undring.v1.ObservationServiceGrpc.ObservationServiceBlockingStub;
import undring.v1.SessionOuterClass.*;
import undring.v1.SessionServiceGrpc;
import undring.v1.Sync.*;
import undring.v1.SyncServiceGrpc;
import undring.v1.SyncServiceGrpc.SyncServiceBlockingStub;

/** A phone of somebody who has signed in: it pushes, and keeps a mirror of what it pulls. */
final class Phone {
  final String person;
  final String school;
  final ObservationServiceBlockingStub visits;
  final FeedbackServiceBlockingStub feedback;
  private final SyncServiceBlockingStub sync;
  private final Map<String, Message> mirror = new HashMap<>(); // by kind and id
  private String cursor = "";

  Phone(ManagedChannel channel, String person) {
    this.person = person;
    var sessions = SessionServiceGrpc.newBlockingStub(channel);
    SignInResponse in = sessions.signIn(SignInRequest.newBuilder().setDemoPerson(person).setDeviceName("Java").build());
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + in.getAccessToken());
    var signedIn = MetadataUtils.newAttachHeadersInterceptor(headers);
    visits = ObservationServiceGrpc.newBlockingStub(channel).withInterceptors(signedIn);
    feedback = FeedbackServiceGrpc.newBlockingStub(channel).withInterceptors(signedIn);
    sync = SyncServiceGrpc.newBlockingStub(channel).withInterceptors(signedIn);
    school = sessions.withInterceptors(signedIn).getMe(GetMeRequest.getDefaultInstance()).getMemberships(0).getSchoolId();
  }

  /** Sends operations in their order, and once more, as if the receipt had been lost. */
  void push(Message... requests) {
    PushRequest.Builder batch = PushRequest.newBuilder();
    for (Message request : requests) {
      batch.addOperations(Operation.newBuilder().setRequest(Any.pack(request)));
    }
    for (int sent = 1; sent <= 2; sent++) {
      for (OperationResult result : sync.push(batch.build()).getResultsList()) {
        if (result.getOutcome() != OperationOutcome.OPERATION_OUTCOME_DONE) {
          throw new IllegalStateException("not done when sent for the " + sent + ". time: " + result);
        }
      }
    }
  }

  /** Pulls until the mirror tells of a visit just what the calls that read tell. */
  void pullUntilEqual(String visit) throws InterruptedException {
    Observation seen = visits.getObservation(GetObservationRequest.newBuilder().setObservationId(visit).build()).getObservation();
    Exchange said = feedback.getExchange(GetExchangeRequest.newBuilder().setObservationId(visit).build()).getExchange();
    // A change can be pulled as soon as no older transaction is open. Before there is
    // feedback, a mirror has no exchange.
    for (int i = 0; i < 100; i++) {
      pull();
      if (seen.equals(visit(visit)) && (said.getQuestionsCount() == 0 || said.equals(exchange(visit)))) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("the calls tell of\n" + seen + said + "but the mirror has\n" + visit(visit) + exchange(visit));
  }

  private void pull() {
    PullResponse pulled;
    do {
      pulled = sync.pull(PullRequest.newBuilder().setCursor(cursor).build());
      if (pulled.getStartOver()) {
        mirror.clear();
      }
      for (Change change : pulled.getChangesList()) {
        switch (change.getWhatCase()) {
          case OBSERVATION -> mirror.put(Thing.THING_OBSERVATION + change.getObservation().getId(), change.getObservation());
          case EXCHANGE -> mirror.put(Thing.THING_EXCHANGE + change.getExchange().getObservationId(), change.getExchange());
          case NOTE -> mirror.put(Thing.THING_NOTE + change.getNote().getId(), change.getNote());
          case GONE -> mirror.remove(change.getGone().getThing() + change.getGone().getId());
          default -> {} // an app keeps the other kinds the same way
        }
      }
      cursor = pulled.getNextCursor();
    } while (pulled.getMore());
  }

  /** How many notes of a visit the phone knows. */
  long notes(String visit) {
    return mirror.values().stream().filter(m -> m instanceof Note n && n.getObservationId().equals(visit)).count();
  }

  /** What the phone knows of a visit. */
  Observation visit(String id) {
    return (Observation) mirror.get(Thing.THING_OBSERVATION + id);
  }

  /** What the phone knows of an exchange. */
  Exchange exchange(String id) {
    return (Exchange) mirror.get(Thing.THING_EXCHANGE + id);
  }
}
